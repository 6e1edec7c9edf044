// Reports that a person carries from a site without a connection: usage files in, acknowledgement files out, a verdict for each.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { ImportedUsage } from "../api/answers.ts";
import { ask } from "../api/client.ts";
import { sessionQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { Failure, Nothing } from "../parts/notes.tsx";
import { acknowledgementName, verdictOf } from "../text/carried-files.ts";

type Carried = { readonly key: number; readonly file: File } & (
  | { readonly state: "waiting" }
  | { readonly state: "sent" }
  | { readonly state: "taken"; readonly result: ImportedUsage }
  | { readonly state: "refused"; readonly error: Error }
);

export function ReportsPage() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <>
      <h1>Reports</h1>
      <p className="prose">
        Devices that reach this manager report by themselves. For those that do not, save the usage on the device, carry
        the file here, and bring back the acknowledgement:
      </p>
      <pre>
        license smart save usage unreported file flash:usage.xml{"\n"}license smart import flash:acknowledgement.xml
      </pre>
      {session?.mayAdminister === true ? (
        <CarriedFiles />
      ) : (
        <Nothing>Taking files needs an operator who may administer; you may look.</Nothing>
      )}
    </>
  );
}

/** One file after the other: each is taken whole or not at all, and the same file twice counts once. A field of files takes dropped ones by itself. */
function CarriedFiles() {
  const [search] = useSearchState();
  const queries = useQueryClient();
  const inputId = useId();
  const [files, setFiles] = useState<readonly Carried[]>([]);
  const nextKey = useRef(0);
  const line = useRef<Promise<void>>(Promise.resolve());
  const { virtualAccount: _, ...account } = placeOf(search);

  const put = (one: Carried) => setFiles((now) => now.map((other) => (other.key === one.key ? one : other)));
  const send = async (carried: Carried) => {
    const { key, file } = carried;
    put({ key, file, state: "sent" });
    try {
      put({
        key,
        file,
        state: "taken",
        result: await ask<ImportedUsage>("POST", "usage-files", { query: account, file }),
      });
      await queries.invalidateQueries();
    } catch (error) {
      put({ key, file, state: "refused", error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  const enqueue = (carried: Carried) => {
    line.current = line.current.then(() => send(carried));
  };
  const add = (given: Iterable<File>) => {
    const added = [...given].map((file): Carried => {
      nextKey.current += 1;
      return { key: nextKey.current, file, state: "waiting" };
    });
    setFiles((now) => [...now, ...added]);
    for (const carried of added) enqueue(carried);
  };
  return (
    <>
      <div className="drop">
        <label htmlFor={inputId}>Usage files, chosen here or dropped on this field</label>
        <input
          id={inputId}
          type="file"
          multiple
          onChange={({ target }) => {
            add(target.files ?? []);
            target.value = "";
          }}
        />
      </div>
      {files.length === 0 ? null : (
        <ul className="alerts" aria-label="Files">
          {files.map((carried) => (
            <li key={carried.key}>
              <CarriedFile carried={carried} again={() => enqueue(carried)} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function CarriedFile({ carried, again }: { readonly carried: Carried; readonly again: () => void }) {
  const { file } = carried;
  if (carried.state === "waiting" || carried.state === "sent")
    return (
      <p role="status">
        <code>{file.name}</code> {carried.state === "waiting" ? "waits for the one before" : "is being taken …"}
      </p>
    );
  if (carried.state === "refused")
    return (
      <>
        <p>
          <code>{file.name}</code> was not taken, and nothing of it was counted.
        </p>
        <Failure error={carried.error} retry={again} />
      </>
    );
  const { result } = carried;
  return (
    <>
      <p role="status">
        <code>{file.name}</code> {verdictOf(result)}
      </p>
      {result.refused.length === 0 ? null : (
        <ul>
          {result.refused.map(({ udi, reportId, code, remedy }) => (
            <li key={`${udi} ${reportId} ${code}`}>
              <code>{udi}</code> report {reportId ?? "that could not be read"}: {code}. {remedy}
            </li>
          ))}
        </ul>
      )}
      {result.file === null ? null : <Download name={acknowledgementName(file.name)} text={result.file} />}
    </>
  );
}

function Download({ name, text }: { readonly name: string; readonly text: string }) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "application/xml" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <button type="button" className="primary" onClick={save}>
      Save the acknowledgement
      <span className="unseen"> as {name}</span>
    </button>
  );
}
