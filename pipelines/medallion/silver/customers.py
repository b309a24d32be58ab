"""silver.customers: typed and cleaned, one row for each customer."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import CUSTOMERS
from pipelines.shared.cleaning import clean_customers
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="customers_valid")
@dp.expect_all_or_drop(SILVER_RULES["customers"].drop)
def customers_valid() -> DataFrame:
    """The rows of bronze.customers that keep every drop rule, with what orders them."""
    return versioned(
        clean_customers(skip_change_commits(spark.readStream).table("bronze.customers")), CUSTOMERS
    )


dp.create_streaming_table(
    name="silver.customers",
    comment=CUSTOMERS.comment,
    schema=CUSTOMERS.schema,
    cluster_by=["customer_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.customers",
    source="customers_valid",
    keys=list(CUSTOMERS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
