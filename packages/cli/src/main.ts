import module from "node:module";

// Compiled code is kept between starts, so that a command answers at once.
module.enableCompileCache();

const { dispatch } = await import("./dispatch.ts");
const { abortOnInterrupt } = await import("./interrupt.ts");
const { root } = await import("./root.ts");
process.exitCode = await dispatch(root, process.argv.slice(2), process, abortOnInterrupt());
