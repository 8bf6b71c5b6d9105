import type { ErrorRow } from "../row.ts";

/** Where the bucket really is. */
export const redirectRows = {
  EndpointNotFound: {
    status: 400,
    category: "redirect",
    retry: "region",
    message: "The request was sent to an endpoint that does not serve it.",
    origin: "aws-s3",
  },
  IncorrectEndpoint: {
    status: 400,
    category: "redirect",
    retry: "region",
    message: "The bucket exists in another region; direct requests to its endpoint.",
    origin: "aws-s3",
  },
  PermanentRedirect: {
    status: 301,
    category: "redirect",
    retry: "region",
    message:
      "The bucket must be addressed using the specified endpoint; send all future requests there.",
    origin: "aws-s3",
    details: ["Bucket", "Endpoint"],
  },
  PermanentRedirectControlError: {
    status: 301,
    category: "redirect",
    retry: "region",
    message:
      "The operation must be sent to the specified endpoint; send all future requests there.",
    origin: "aws-s3",
  },
  Redirect: {
    status: 307,
    category: "redirect",
    retry: "region",
    message: "You are being redirected for a while; send this request to the other endpoint.",
    origin: "aws-s3",
  },
  TemporaryRedirect: {
    status: 307,
    category: "redirect",
    retry: "region",
    message: "You are being redirected to the bucket while its name is being updated.",
    origin: "aws-s3",
    details: ["Bucket", "Endpoint"],
  },
  WebsiteRedirect: {
    status: 301,
    category: "redirect",
    retry: "never",
    message: "The website configuration of the bucket redirects this request.",
    origin: "versitygw",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
