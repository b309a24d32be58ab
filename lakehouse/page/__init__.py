"""`lakehouse ui`: a page that shows a lakehouse, served on this machine or written as one file."""
