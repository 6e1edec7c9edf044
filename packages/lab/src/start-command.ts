// countersign lab start: the main job, live.

import { type Command, type CommandInput, systemRemedy } from "@countersign/terminal";
import { type FleetInstance, fleet } from "./fleet.ts";
import { FleetError, fleetOfPlatforms, readFleetFile } from "./fleet-file.ts";
import { createScreen, type Screen } from "./fleet-table.ts";
import { createLabDirectory, type LabDirectory, labDirectory } from "./lab-directory.ts";
import { labOperator } from "./lab-operator.ts";
import { directoryOf, directoryOption } from "./lab-options.ts";
import { labUser } from "./lab-user.ts";
import { type LabInstance, RunningLab } from "./running-lab.ts";
import { describeMissing, isComplete, type LabSummary, summarize } from "./summary.ts";

const refreshMs = 1000;
const accessPointEveryMs = 7000;
const defaultTimeoutSeconds = 120;

export const start: Command = {
  name: "start",
  summary: "Start a manager and a small fleet on this machine, and show what happens",
  usage: "[--exit] [--clock fast] [--platform <name>]... [--fleet <file>]",
  options: {
    ...directoryOption,
    exit: { type: "boolean", description: "stop when every instance has a verified ACK; exit code 1 if one has none" },
    timeout: {
      type: "string",
      description: `seconds after which --exit gives up (${defaultTimeoutSeconds} when left out)`,
    },
    clock: { type: "string", description: "fast: a year of policy in under a minute, printed as a timeline" },
    platform: {
      type: "string",
      multiple: true,
      description: "an instance of this platform instead of the usual fleet; may be given several times",
    },
    fleet: { type: "string", description: "a JSON file with the instances instead of the usual fleet" },
    days: { type: "string", description: "with --clock fast: how many days (365 when left out)" },
  },
  run: async (input) => {
    const problem = checkOptions(input);
    if (problem !== null) {
      input.stderr.write(`${problem}\n`);
      return 2;
    }
    let instances: readonly FleetInstance[];
    try {
      instances = chosenFleet(input);
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      input.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (input.values.clock === "fast") return (await import("./fast-year.ts")).runFastYear(input, instances);
    return runLive(input, instances);
  },
};

/** The usual fleet, or what the command line names. Throws `FleetError`. */
function chosenFleet({ values }: CommandInput): readonly FleetInstance[] {
  const platforms = Array.isArray(values.platform) ? values.platform.map(String) : [];
  if (typeof values.fleet === "string") return readFleetFile(values.fleet);
  return platforms.length === 0 ? fleet : fleetOfPlatforms(platforms);
}

function checkOptions({ values, positionals }: CommandInput): string | null {
  if (positionals.length > 0) return `lab start takes no words, but was given "${positionals.join(" ")}"`;
  if (values.clock !== undefined && values.clock !== "fast")
    return `--clock is "fast" or left out, not "${String(values.clock)}"`;
  if (values.platform !== undefined && values.fleet !== undefined) return "--platform and --fleet exclude each other";
  for (const name of ["timeout", "days"] as const) {
    const value = values[name];
    if (value !== undefined && !/^[1-9]\d{0,4}$/.test(String(value)))
      return `--${name} is a whole number, not "${String(value)}"`;
  }
  return null;
}

async function runLive(input: CommandInput, instances: readonly FleetInstance[]): Promise<number> {
  const startedAtMs = Date.now();
  const directory = labDirectory(directoryOf(input));
  // With --json standard output carries one value and nothing else.
  const screen = createScreen(input.json ? input.stderr : input.stdout);
  screen.say(`Starting a manager and the fleet; everything stands in ${directory.path}`);
  let lab: RunningLab;
  let password: string | null = null;
  try {
    createLabDirectory(directory);
    // Nobody logs in to a lab that ends by itself.
    const login = input.values.exit === true ? null : await labUser(directory);
    password = login?.password ?? null;
    const user = login === null ? {} : { user: login.user };
    lab = await RunningLab.start({ directory, instances, say: (line) => screen.say(line), ...user });
  } catch (error) {
    input.stderr.write(`The lab cannot start: ${describeFailure(error)}\n`);
    return 1;
  }
  screen.say(`The manager listens on ${lab.manager.url} (process ${lab.manager.pid})`);
  const refresh = setInterval(() => screen.show(lab.statuses(), Date.now()), refreshMs);
  let exitCode = 1;
  try {
    exitCode = await runFleet({ lab, input, screen, directory, startedAtMs, password });
  } finally {
    clearInterval(refresh);
    exitCode = await stopped(lab, exitCode, input);
  }
  return exitCode;
}

/** A device may be unable to store its end; the others have ended all the same. */
async function stopped(lab: RunningLab, exitCode: number, { stderr }: CommandInput): Promise<number> {
  try {
    await lab.stop();
    return exitCode;
  } catch (error) {
    stderr.write(`The lab has stopped, but not in order: ${describeFailure(error)}\n`);
    return 1;
  }
}

type FleetRun = {
  readonly lab: RunningLab;
  readonly input: CommandInput;
  readonly screen: Screen;
  readonly directory: LabDirectory;
  readonly startedAtMs: number;
  /** Of the lab's user; null without SSH. */
  readonly password: string | null;
};

async function runFleet({ lab, input, screen, directory, startedAtMs, password }: FleetRun): Promise<number> {
  const timeoutSeconds = Number(input.values.timeout ?? defaultTimeoutSeconds);
  await lab.acknowledgeAll(AbortSignal.any([input.signal, AbortSignal.timeout(timeoutSeconds * 1000)]));
  const summary = summarize(lab, startedAtMs, Date.now());
  screen.show(lab.statuses(), Date.now());
  if (input.json) input.stdout.write(`${JSON.stringify(summary)}\n`);
  screen.say(describe(summary));
  if (!isComplete(summary)) for (const line of describeMissing(lab)) input.stderr.write(`${line}\n`);
  if (input.values.exit === true) return isComplete(summary) ? 0 : 1;
  if (input.signal.aborted) return 0;
  const portal = portalLines(lab.manager.url, await labOperator(directory));
  screen.say(
    [...nextSteps(directory, lab.instances), ...loginLines(lab.instances, password), ...portal, lastWords].join("\n"),
  );
  await lab.live(input.signal, accessPointEveryMs, 1, (line) => screen.say(line));
  return 0;
}

function describe(summary: LabSummary): string {
  const { instances, trusted, reports, acknowledged, seconds } = summary;
  return `${acknowledged} of ${instances} instances acknowledged (${trusted} trusted, ${reports} reports) after ${seconds} s`;
}

const lastWords = "Ctrl-C stops everything; the next start takes it up again.\n";

/** Devices that a person is shown the way to; of another fleet, its first two. */
const shownLogins = ["c9300-stack", "c9800"];

function shownInstances(instances: readonly LabInstance[]): readonly LabInstance[] {
  const usual = instances.filter(({ instance }) => shownLogins.includes(instance.name));
  return usual.length > 0 ? usual : instances.slice(0, 2);
}

type Login = {
  readonly instance: Pick<FleetInstance, "name">;
  readonly device: Pick<LabInstance["device"], "ssh" | "https">;
};

/** More lines than this push the rest of what is said off a screen of 24 lines. */
const loginsShownMax = 12;

/** One line a device: where its console and its page are. */
export function loginLines(instances: readonly Login[], password: string | null): readonly string[] {
  if (password === null) return [];
  const logins = instances.flatMap(({ instance, device }) =>
    device.ssh === null ? [] : [{ name: instance.name, ssh: device.ssh, https: device.https }],
  );
  const width = Math.max(...logins.slice(0, loginsShownMax).map(({ name }) => name.length), 0);
  const lines = logins.slice(0, loginsShownMax).map(({ name, ssh, https }) => {
    const page = https === null ? "" : `   # or https://${https.host}:${https.port}/`;
    return `  ${name.padEnd(width)}  ssh -p ${ssh.port} lab@${ssh.host}${page}`;
  });
  const left = logins.length - lines.length;
  return [
    `Or log in to a console, or to a web page, as lab; the password is ${password}`,
    ...lines,
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** Where the manager's web pages are, and how to sign in; the token itself is not shown. */
export function portalLines(url: string, tokenFile: string | null): readonly string[] {
  if (tokenFile === null) return [];
  return [`Or open the portal, ${url}/portal/, and sign in with what stands in`, `  ${tokenFile}`];
}

function nextSteps({ path }: LabDirectory, instances: readonly LabInstance[]): readonly string[] {
  const place = path === labDirectory().path ? "" : ` --directory '${path}'`;
  const manager = labDirectory(path).manager;
  const shown = shownInstances(instances);
  const [first, last] = [shown.at(0)?.instance.name ?? "", shown.at(-1)?.instance.name ?? ""];
  return [
    "",
    "Your network would keep running without this manager: kill it and see. Try in another terminal:",
    `  npm run -s countersign -- lab exec${place} ${first} 'show license summary'`,
    `  npm run -s countersign -- manager license list --data-directory '${manager}'`,
    `  npm run -s countersign -- lab exec${place} ${last} 'license smart sync all'`,
  ];
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : systemRemedy(code);
  return remedy === "" ? error.message : `${error.message} ${remedy}`;
}
