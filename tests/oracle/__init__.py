"""An independent answer to what the pipelines must hold: plain Python over the raw files, for tests only.

`silver(raw_dir)` and `changes(cdc_dir)` give `(tables, quarantine)`: `tables` is {name: [row dict]}
in the columns of the table, `quarantine` is {dataset: Counter({(failed expectation, ...): rows})}.
`gold(silver_tables, as_of)` gives the views of gold, `sums(raw_dir)` the counts of
utils.reconciliation. `assert_same(spark_frame, rows)` compares a table.
Timestamps are naive UTC.

The raw folder holds one folder a dataset with CSV files, as the pipelines read it. Files are read whole; a
row with another number of cells than its header counts as malformed.
"""

from tests.oracle.changes import changes
from tests.oracle.compare import assert_same, plain, rows_of
from tests.oracle.gold import gold
from tests.oracle.silver import silver, sums

__all__ = ["assert_same", "changes", "gold", "plain", "rows_of", "silver", "sums"]
