// Lines to paste, with a button that copies them.

import { useState } from "react";

export function Copyable({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState("");
  // Without the browser's permission the lines can still be marked and copied by hand.
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied."),
      () => setSaid("Not copied: mark the lines and copy them."),
    );
  return (
    <div className="copyable">
      <pre>{text}</pre>
      <button type="button" onClick={() => void copy()}>
        Copy
        <span className="unseen"> {what}</span>
      </button>{" "}
      <span role="status" className="quiet">
        {said}
      </span>
    </div>
  );
}
