/** The one credential of every server that the proofs start. */
export const rootCredential = {
  accessKeyId: "AKIAPROOFPROOFPROOF1",
  secretAccessKey: "proof/secret+that=no-answer-may-show-0001",
} as const;

export const region = "us-east-1";
