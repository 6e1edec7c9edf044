// What the portal believes the API to answer, held against what the manager answers. The portal may import nothing of the manager, so
// the two are compared here, by the compiler: a member that was renamed or became optional is an error of `npm run check`.

import type { AdministrationUseCases } from "@countersign/manager";
import type * as portal from "@countersign/portal/answers";

type Answered<Name extends keyof AdministrationUseCases> = Awaited<ReturnType<AdministrationUseCases[Name]>>;
/** An error unless what is told has everything that is expected. */
type Told<Expected, Answer extends Expected> = [Expected, Answer];

export type CheckedAnswers = [
  Told<readonly portal.Account[], Answered<"listAccounts">>,
  Told<portal.AlertList, Answered<"listAlerts">>,
  Told<readonly portal.Instance[], Answered<"listProductInstances">>,
  Told<portal.InstanceDetail, Answered<"showProductInstance">>,
  Told<portal.SearchResult, Answered<"searchAccount">>,
  Told<readonly portal.Report[], Answered<"listReports">>,
  Told<readonly portal.License[], Answered<"listLicenses">>,
  Told<portal.LicenseHistory, Answered<"showLicenseHistory">>,
  Told<readonly portal.Token[], Answered<"listTokens">>,
  Told<portal.CreatedToken, Answered<"createToken">>,
  Told<portal.PolicyInForce, Answered<"getPolicy">>,
  Told<portal.ImportedUsage, Answered<"importUsageFile">>,
  Told<readonly portal.EventEntry[], Answered<"listEvents">>,
  Told<readonly portal.Act[], Answered<"listAuditEntries">>,
];
