"""Half of the customers that schemathesis asks for are some that dq-serve knows (DQ_CUSTOMERS: a JSON list)."""
import json
import os
import zlib

import schemathesis

KNOWN = json.loads(os.environ["DQ_CUSTOMERS"])


def known(value):
    if not isinstance(value, str):
        return value
    number = zlib.crc32(value.encode("utf-8", "surrogatepass"))
    return KNOWN[number // 2 % len(KNOWN)] if number % 2 else value


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "id" in path_parameters:
        path_parameters["id"] = known(path_parameters["id"])
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and "customer_id" in body:
        body["customer_id"] = known(body["customer_id"])
    if isinstance(body, dict) and isinstance(body.get("customer_ids"), list):
        body["customer_ids"] = [known(one) for one in body["customer_ids"]]
    return body
