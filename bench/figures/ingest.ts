// ingest-single-64 and ingest-batch-1000, with RSA-2048 and with P-256 device keys: LICENSE_USAGE to a manager over TLS, each
// answered with its acknowledgement at once.

import { join } from "node:path";
import { type BenchContext, type Figure, type FigureName, figureOf } from "../figure.ts";
import { createDeviceKeys, type DeviceKeyType } from "../load/device-keys.ts";
import { createEnrollees } from "../load/enrolment-messages.ts";
import { establishTrust } from "../load/trusted-instances.ts";
import { encodeUsageMessages } from "../load/usage-messages.ts";
import { withConnections, withManager } from "../programs/manager-session.ts";
import { formatCost, type IngestResult, loadCeiling, loadManager, publicKeysOf } from "./ingest-load.ts";

export type IngestPlan = {
  readonly name: FigureName;
  readonly keyType: DeviceKeyType;
  readonly path: string;
  readonly connections: number;
  readonly instances: number;
  readonly reportsPerMessage: number;
  readonly warmUpMessages: number;
  readonly timedMessages: number;
};

/** Measures one plan against the ceiling, each in a process of its own. */
export async function measureIngest(plan: IngestPlan, context: BenchContext): Promise<Figure> {
  const { connections, reportsPerMessage } = plan;
  const dataDirectory = join(context.directory, "manager");
  context.progress(`making ${plan.instances} ${plan.keyType} keys`);
  const keys = await createDeviceKeys(plan.keyType, plan.instances);
  const { managed, messages, publicKeys } = await withManager(
    dataDirectory,
    context.profileDirectory,
    async (manager) => {
      const { ready } = manager;
      const enrollees = createEnrollees("INGEST", plan.instances, keys);
      const instances = await withConnections(ready, 1, ([connection]) =>
        establishTrust(connection as NonNullable<typeof connection>, ready.rootCertificatePem, ready.token, enrollees),
      );
      context.progress(`signing ${plan.warmUpMessages + plan.timedMessages} messages`);
      const warmUp = await encodeUsageMessages(instances, plan.warmUpMessages, reportsPerMessage);
      const timed = await encodeUsageMessages(instances, plan.timedMessages, reportsPerMessage);
      context.progress("manager");
      const messages = { path: plan.path, warmUp, timed };
      const managed = await loadManager(manager, connections, messages, context.signal);
      return { managed, messages, publicKeys: publicKeysOf(instances) };
    },
  );
  context.progress("ceiling");
  const ceiling = await loadCeiling(context, connections, messages, publicKeys);
  return figureOf({
    name: plan.name,
    value: managed.perSecond * reportsPerMessage,
    unit: "reports/s",
    ceiling: ceiling.perSecond * reportsPerMessage,
    p50Ms: managed.p50Ms,
    p99Ms: managed.p99Ms,
    note: noteOf(plan, managed, ceiling),
  });
}

function noteOf(plan: IngestPlan, managed: IngestResult, ceiling: IngestResult): string {
  const { keyType, connections, instances, timedMessages, reportsPerMessage } = plan;
  return (
    `${timedMessages} messages of ${reportsPerMessage} new report(s) by ${instances} ${keyType} instances over ${connections} ` +
    `keep-alive TLS connections in ${managed.seconds.toFixed(1)} s; messages signed ahead, one answer in 50 verified afterwards; ` +
    "client, manager and database share the machine. Ceiling: the same messages to a program that only parses, verifies, " +
    "stores as many rows, signs and answers. Processor time per message, all threads (main thread), in microseconds: manager " +
    `${formatCost(managed)}, ceiling ${formatCost(ceiling)}.`
  );
}
