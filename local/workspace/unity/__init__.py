"""Unity Catalog: securables, grants, tags, and the tables of the warehouse."""
