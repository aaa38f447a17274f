"""Half of the customers and interventions that schemathesis asks for are some that dq-serve knows (DQ_CUSTOMERS, DQ_INTERVENTIONS: JSON lists)."""
import json
import os
import zlib

import schemathesis

# Parts of a path that no client sends as they are.
DOTS = ".", ".."
CUSTOMERS = [one for one in json.loads(os.environ["DQ_CUSTOMERS"]) if one not in DOTS]
INTERVENTIONS = json.loads(os.environ["DQ_INTERVENTIONS"])


def known(value, names):
    if not isinstance(value, str) or not names:
        return value
    number = zlib.crc32(value.encode("utf-8", "surrogatepass"))
    return names[number // 2 % len(names)] if number % 2 or value in DOTS else value


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "id" in path_parameters:
        of_customers = context.operation.path.startswith("/customer")
        path_parameters["id"] = known(path_parameters["id"], CUSTOMERS if of_customers else INTERVENTIONS)
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    if query and "customer_id" in query:
        query["customer_id"] = known(query["customer_id"], CUSTOMERS)
    return query


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and "customer_id" in body:
        body["customer_id"] = known(body["customer_id"], CUSTOMERS)
    if isinstance(body, dict) and isinstance(body.get("customer_ids"), list):
        body["customer_ids"] = [known(one, CUSTOMERS) for one in body["customer_ids"]]
    return body
