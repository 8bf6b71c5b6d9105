import type { DriverGetOptions, OpenedFile } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { lookForFile } from "./look.ts";
import { fileStat, type Place } from "./place.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { Requests } from "./requests.ts";

/** Opens a file. What is read is the file that was there, also if another takes its name meanwhile. */
export async function openFile(
  requests: Requests,
  place: Place,
  { offset = 0, length, ifMatch }: DriverGetOptions,
): Promise<OpenedFile> {
  await lookForFile(requests, place);
  const handle = await requests.openToRead(place.path);
  try {
    const found = fileStat(await requests.fstat(handle));
    if (ifMatch !== undefined && ifMatch !== found.etag) {
      throw new DriverFailure({ kind: "precondition-failed" });
    }
    const end = Math.min(found.size, offset + (length ?? found.size));
    return { stat: found, body: new ReadAhead(requests, { handle, start: offset, end }) };
  } catch (error) {
    requests.unending.close(handle).catch(ignore);
    throw error;
  }
}

function ignore(): void {}
