"""Entry of the job's first task (spark_python_task): the generator's command line.

It stands beside the packages, since Databricks, as Python does, looks for imports in the folder of the file it runs.
"""

from generator.cli import main

main()
