# Names that Databricks gives every pipeline file without an import; the type checker reads them here.
from pyspark.sql import SparkSession

spark: SparkSession
