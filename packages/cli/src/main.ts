import { enableCompiledCode } from "@countersign/terminal";

// A command answers at once.
enableCompiledCode();

const { dispatch } = await import("./dispatch.ts");
const { abortOnInterrupt } = await import("./interrupt.ts");
const { root } = await import("./root.ts");
const { becomeSmall } = await import("./small-process.ts");
process.exitCode = await dispatch(root, process.argv.slice(2), process, abortOnInterrupt(), becomeSmall);
