// What is said when a device is started, and what a running device offers.

import type {
  Agent,
  AgentCallbacks,
  AgentOptions,
  Clock,
  Exchange,
  KeyType,
  Randomness,
  SyslogLine,
  Timers,
  TransportOptions,
} from "@countersign/agent";
import type { Udi } from "@countersign/protocol";
import type { CommandResult } from "../console/command-context.ts";
import type { ControlOutcome } from "../device-control.ts";
import type { InterfaceWish } from "../network-settings.ts";
import type { PlatformProfile, Slot } from "../platform/platform-profile.ts";
import type { TimeZone } from "../render/show-text.ts";
import type { SshOptions } from "../ssh/ssh-server.ts";
import type { DeviceUser } from "../ssh/user-store.ts";
import type { HostedSession, SessionTerminal } from "./session-host.ts";

export type DeviceOptions = {
  /** A folder that belongs to this device alone; null keeps everything in memory, without control socket and flash. */
  readonly stateDirectory: string | null;
  /** Name of a platform profile; needed when the device is new. */
  readonly platform?: string;
  /** Of a new device; default: the profile's. */
  readonly hostname?: string;
  readonly slots?: readonly Slot[];
  readonly features?: readonly string[];
  /** Left out, a new device has the profile's and another keeps its own. */
  readonly softwareVersion?: string;
  readonly zone?: TimeZone;
  /** PEM texts of the licensing roots; left out, those of the last start stand. */
  readonly trustAnchors?: string | readonly string[];
  /** Applied at every start; left out, what was configured last stands. */
  readonly transport?: Omit<TransportOptions, "certificateAuthorities">;
  /** What `license smart url default` means with transport smart. */
  readonly defaultSmartUrl?: string;
  /** Of a new device; default: the platform's, which have the machine's address, or the machine's own. */
  readonly interfaces?: readonly InterfaceWish[];
  /** Where name servers listen; default 53. */
  readonly nameServerPort?: number;
  /** Where time servers listen; default 123. */
  readonly timeServerPort?: number;
  readonly keyType?: KeyType;
  /** Whether somebody vouches for the clock; left out, `clock calendar-valid` and NTP decide. False prints the star. */
  readonly clockIsAuthoritative?: boolean;
  /** Default true. */
  readonly opensControlSocket?: boolean;
  /** An SSH server; users are those of the state folder and these. Left out, there is none. */
  readonly ssh?: SshOptions;
  /**
   * An HTTPS server from this start on: `ip http secure-server` with the port and `ip http authentication local`. Users are those
   * of the state folder and these. Left out, the configuration says whether there is one.
   */
  readonly https?: HttpsWish;
  /**
   * For a product that embeds its agent itself (platform `embedded`): makes the agent, or a product around one, from what the
   * device would have used. The product asks for its licences; the device shows and configures.
   */
  readonly createAgent?: (options: AgentOptions) => Promise<Agent>;
  /** Each log line as devices print it. */
  readonly onLog?: (text: string, line: SyslogLine, atMs: number) => void;
  readonly on?: AgentCallbacks;
  readonly exchange?: Exchange;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly randomness?: Randomness;
};

export type HttpsWish = {
  /** Address that it listens on, also when the console switches it on; default loopback. */
  readonly host?: string;
  /** 0 for a free one; left out, the server is not switched on by this start. */
  readonly port?: number;
  readonly users?: readonly DeviceUser[];
};

/** The documented default address of transport smart (GEN-4, TRN-2). */
export const documentedSmartUrl = "https://smartreceiver.cisco.com/licservice/license";

export type ExecutedLine = {
  readonly outcome: CommandResult["outcome"];
  /** As printed on a console, without a line feed at its end. */
  readonly output: string;
  /** The same answer for programs. */
  readonly json: unknown;
};

/** A running product instance. Changes are stored before they are answered, and carried out one after the other. */
export interface Device {
  readonly profile: PlatformProfile;
  /** The agent of this moment: a reload makes a new one. */
  readonly agent: Agent;
  readonly hostname: string;
  readonly slots: readonly Slot[];
  readonly accessPoints: readonly Udi[];
  readonly controlSocketPath: string | null;
  /** Where the SSH server listens; null without one. */
  readonly ssh: { readonly host: string; readonly port: number } | null;
  /** Where the HTTPS server listens; null without one. */
  readonly https: { readonly host: string; readonly port: number } | null;
  /** One line of the console; commands of EXEC and of configuration alike. */
  execute(line: string): Promise<ExecutedLine>;
  /** A session of a person: modes, editing, help, paging. */
  openSession(terminal: SessionTerminal): HostedSession;
  /** Licences count only while their feature is configured (CNT-1). */
  configureFeatures(features: readonly string[]): Promise<void>;
  changeAccessPoints(change: { readonly join?: readonly Udi[]; readonly leave?: readonly Udi[] }): Promise<void>;
  addMember(udi: Udi): Promise<ControlOutcome>;
  removeMember(slotNumber: number): Promise<ControlOutcome>;
  switchover(): Promise<ControlOutcome>;
  reload(): Promise<void>;
  stop(): Promise<void>;
}
