"""Entry of the last task of the job `erase` (spark_python_task); it stands beside the packages that it imports."""

from pipelines.erasing.databricks import main

main()
