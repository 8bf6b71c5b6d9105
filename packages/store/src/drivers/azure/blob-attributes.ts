import type { BlobHTTPHeaders, Metadata } from "@azure/storage-blob";
import type { Attributes } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";

const identifier = /^[a-z_][a-z0-9_]*$/;
/** What HTTP carries in a header and gives back as it was. */
const headerText = /^[!-~](?:[ -~]*[!-~])?$/;

/** What goes beside a blob's bytes. Fails for metadata that Azure would refuse or change. */
export function blobAttributes({ contentType, metadata = {} }: Attributes): {
  readonly blobHTTPHeaders: BlobHTTPHeaders;
  readonly metadata: Metadata;
} {
  for (const [name, value] of Object.entries(metadata)) {
    if (!identifier.test(name)) {
      throw refused(
        "The name of a metadata entry in Azure is an identifier: letters, digits and underscores.",
      );
    }
    if (!headerText.test(value)) {
      throw refused(
        "The value of a metadata entry in Azure is printable ASCII, not empty and without spaces around it.",
      );
    }
  }
  return {
    blobHTTPHeaders: contentType === undefined ? {} : { blobContentType: contentType },
    metadata: { ...metadata },
  };
}

function refused(message: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-request", message });
}
