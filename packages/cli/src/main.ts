import { enableCompiledCode, tellFailingOutput } from "@countersign/terminal";

// A command answers at once.
enableCompiledCode();
tellFailingOutput(process);

const [{ dispatch }, { abortOnInterrupt }, { root }, { becomeSmall }] = await Promise.all([
  import("./dispatch.ts"),
  import("./interrupt.ts"),
  import("./root.ts"),
  import("./small-process.ts"),
]);
process.exitCode = await dispatch(root, process.argv.slice(2), process, abortOnInterrupt(), becomeSmall);
