"""Does one action with boto3 and prints one line of JSON: a value, or an error's class, code and status.

It is told of the action by the first argument. A body comes by standard input, in frames of a length of four bytes and
as many bytes; a length of 0 ends it, and one of 0xFFFFFFFF says that its source failed.
"""

import errno
import hashlib
import json
import struct
import sys

import boto3
from botocore.config import Config

failed = 0xFFFFFFFF


class Source:
    """The body as a file that can be read once and fails as its source does."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.left = b""
        self.ended = False

    def read(self, size=-1):
        while not self.ended and (size < 0 or len(self.left) < size):
            (length,) = struct.unpack(">I", self.pipe.read(4))
            if length == failed:
                raise ConnectionResetError(errno.ECONNRESET, "the source failed")
            self.ended = length == 0
            self.left += self.pipe.read(length)
        size = len(self.left) if size < 0 else size
        piece, self.left = self.left[:size], self.left[size:]
        return piece


def get(ask):
    condition = {"IfNoneMatch": f'"{ask["etag"]}"'} if "etag" in ask else {}
    digest, length = hashlib.sha256(), 0
    for piece in client.get_object(Bucket=bucket, Key=ask["key"], **condition)["Body"]:
        digest.update(piece)
        length += len(piece)
    return {"bytes": length, "sha256": digest.hexdigest()}


def put(ask):
    condition = {"IfNoneMatch": "*"} if ask.get("ifAbsent") else {}
    client.put_object(Bucket=bucket, Key=ask["key"], Body=source.read(), **condition)


def copy(ask):
    client.copy_object(
        Bucket=bucket, Key=ask["key"], CopySource={"Bucket": bucket, "Key": ask["source"]}
    )


def delete_many(ask):
    objects = [{"Key": key} for key in ask["keys"]]
    told = client.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    return {
        "deleted": [one["Key"] for one in told.get("Deleted", [])],
        "failed": {one["Key"]: one["Code"] for one in told.get("Errors", [])},
    }


def list_keys(ask):
    prefix = {"Prefix": ask["prefix"]} if "prefix" in ask else {}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **prefix)
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


actions = {
    "get": get,
    "get-if-changed": get,
    "head": lambda ask: client.head_object(Bucket=bucket, Key=ask["key"])["ContentLength"],
    "put": put,
    "upload": lambda ask: client.upload_fileobj(source, bucket, ask["key"]),
    "copy": copy,
    "delete": lambda ask: client.delete_object(Bucket=bucket, Key=ask["key"]) and None,
    "delete-many": delete_many,
    "list": list_keys,
}


def told(error):
    response = getattr(error, "response", None)
    response = response if isinstance(response, dict) else {}
    number = getattr(error, "errno", None)
    below = error.__cause__ or error.__context__
    return {
        "name": type(error).__name__,
        "code": response.get("Error", {}).get("Code", errno.errorcode.get(number)),
        "status": response.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        "cause": told(below) if below is not None else None,
    }


setup = json.loads(sys.argv[1])
ask, bucket = setup["action"], setup["bucket"]
source = Source(sys.stdin.buffer)
config = Config(
    connect_timeout=setup["timeoutMs"] / 1000,
    read_timeout=setup["timeoutMs"] / 1000,
    s3={"addressing_style": "path"},
)
try:
    client = boto3.client("s3", endpoint_url=setup["endpoint"], config=config)
    answer = {"value": actions[ask["do"]](ask)}
except Exception as error:
    answer = {"error": told(error)}
print(json.dumps(answer))
