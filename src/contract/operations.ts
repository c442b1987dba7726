import type { RouteName } from '../access/rules.ts'
import { passTokenOperations } from '../access-tokens/pass-token.contract.ts'
import { activityOperations } from '../activity/activity.contract.ts'
import { apiKeyOperations } from '../api-keys/api-key.contract.ts'
import { auditOperations } from '../audit/audit.contract.ts'
import { consoleOperations } from '../console-files/console.contract.ts'
import type { Operation } from '../http/operation.ts'
import { oauthOperations } from '../oauth/oauth.contract.ts'
import { operationsOperations } from '../operations/operations.contract.ts'
import { organizationOperations } from '../organizations/organization.contract.ts'
import { passOperations } from '../passes/pass.contract.ts'
import { passOptionsOperations } from '../passes/pass-options.contract.ts'
import { passSecretOperations } from '../passes/pass-secret.contract.ts'
import { resourceServerOperations } from '../resource-servers/resource-server.contract.ts'
import { signInOperations } from '../sign-in/sign-in.contract.ts'
import { signingKeyOperations } from '../signing-keys/signing-key.contract.ts'
import { addressOperations } from '../users/address.contract.ts'
import { meOperations } from '../users/me.contract.ts'
import { memberOperations } from '../users/member.contract.ts'
import { oneTimeOperations } from '../users/one-time.contract.ts'
import { referenceOperations } from './reference.contract.ts'

/** The routes of the authorization table: one that is not described here does not compile. */
const guarded = {
  ...organizationOperations,
  ...passOperations,
  ...passOptionsOperations,
  ...passSecretOperations,
  ...passTokenOperations,
  ...apiKeyOperations,
  ...auditOperations,
  ...activityOperations,
  ...memberOperations,
  ...meOperations,
  ...addressOperations,
  ...signingKeyOperations,
  ...resourceServerOperations,
} satisfies Record<RouteName, Operation>

/** Every route of the server by its name, with what it takes and answers. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...oauthOperations,
  ...signInOperations,
  ...guarded,
  ...oneTimeOperations,
  ...operationsOperations,
  ...referenceOperations,
  ...consoleOperations,
}
