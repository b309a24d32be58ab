"""SQL alerts and the warehouse that they name."""
