"""Unit tests of datasets as data: rows given by table, and the rows that come of them."""
