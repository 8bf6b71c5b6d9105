"""Does one operation with boto3 and prints one line of JSON: {"result": ...} or {"code": ..., "status": ...}."""

import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client(
    "s3",
    endpoint_url=os.environ["INTEROP_ENDPOINT"],
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
)
parts = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=8 * 1024 * 1024)


def put(bucket, key, file):
    with open(file, "rb") as body:
        client.put_object(Bucket=bucket, Key=key, Body=body)


def list_keys(bucket):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


def empty(bucket):
    found = [{"Key": key} for key in list_keys(bucket)]
    refused = client.delete_objects(Bucket=bucket, Delete={"Objects": found}).get("Errors", [])
    if refused:
        raise RuntimeError(refused)


def presign(bucket, key, method):
    operation = {"GET": "get_object", "PUT": "put_object"}[method]
    return client.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key})


operations = {
    "version": lambda: boto3.__version__,
    "createBucket": lambda bucket: client.create_bucket(Bucket=bucket),
    "removeBucket": lambda bucket: client.delete_bucket(Bucket=bucket),
    "put": put,
    "get": lambda bucket, key, file: client.download_file(bucket, key, file, Config=parts),
    "read": lambda bucket, key: client.get_object(Bucket=bucket, Key=key),
    "head": lambda bucket, key: client.head_object(Bucket=bucket, Key=key)["ContentLength"],
    "list": list_keys,
    "multipart": lambda bucket, key, file: client.upload_file(file, bucket, key, Config=parts),
    "copy": lambda bucket, key, source: client.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": source}
    ),
    "presign": presign,
    "empty": empty,
    "remove": lambda bucket, key: client.delete_object(Bucket=bucket, Key=key),
}

try:
    answer = {"result": operations[sys.argv[1]](*sys.argv[2:])}
except ClientError as error:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    answer = {"code": error.response["Error"]["Code"], "status": status, "said": str(error)}
print(json.dumps(answer, default=lambda value: None))
