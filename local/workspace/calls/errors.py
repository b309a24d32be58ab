"""The errors of the Databricks API: `{error_code, message}` and the status that the SDK maps to a class."""

from minilake.errors import DatabricksError


def not_found(message: str) -> DatabricksError:
    """404: the object is not there; Terraform re-creates it."""
    return DatabricksError("RESOURCE_DOES_NOT_EXIST", message, 404)


def exists(message: str) -> DatabricksError:
    """409: the name is taken."""
    return DatabricksError("RESOURCE_ALREADY_EXISTS", message, 409)


def invalid(message: str) -> DatabricksError:
    """400: the request cannot be right, whatever the workspace holds."""
    return DatabricksError("INVALID_PARAMETER_VALUE", message, 400)


def not_now(message: str) -> DatabricksError:
    """400: the request is right, but not in the object's present state."""
    return DatabricksError("INVALID_STATE", message, 400)


def conflict(message: str) -> DatabricksError:
    """409: something else is under way on the same object."""
    return DatabricksError("RESOURCE_CONFLICT", message, 409)
