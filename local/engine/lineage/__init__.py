"""Which columns a column is made from, told from the plans that an engine analysed."""
