import { shownETag, strongETag } from '../http/etag.ts'
import { accessLevelLimits, settledTokenTtl } from '../platform/config.ts'
import { NIL_UUID } from '../platform/uuid.ts'
import type { Pass } from './pass.entity.ts'
import type { PassView } from './pass.store.ts'
import type { LiveSecret, PassResource } from './pass-answer.schema.ts'
import { isLive } from './pass-secret.entity.ts'
import { passStatus } from './pass-validity.ts'
import { capabilitiesOf, describeScope } from './scopes.ts'

/** Every field of a pass that leaves the server. @param now milliseconds since the epoch */
export function presentPass(view: PassView, now: number): PassResource {
  const { pass, uses } = view
  const lastUse = uses.toSorted((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())[0]
  const validUntil = pass.validUntil?.toISOString() ?? null
  return {
    id: pass.id,
    type: 'studio_tool',
    attributes: {
      title: pass.title,
      description: pass.description,
      assetType: 'security',
      active: pass.active,
      status: passStatus(pass, now),
      tags: pass.tags,
      permissions: pass.permissions,
      scopes: pass.scopes,
      scopeDescriptions: Object.fromEntries(
        [...new Set([...pass.scopes, ...pass.permissions])].map(scope => [scope, describeScope(scope)]),
      ),
      capabilities: capabilitiesOf(pass.scopes, pass.permissions),
      allowedReferers: pass.allowedReferers,
      allowedIps: pass.allowedIps,
      resources: pass.resources,
      credentialType: pass.credentialType,
      passId: pass.passId,
      clientId: pass.clientId,
      agentUserId: pass.agent.id,
      agentType: pass.agentType,
      usageType: pass.usageType,
      accessLevel: pass.accessLevel,
      accessIndicator: accessIndicator(view),
      organization: pass.organizationName ?? view.organizationName,
      integrationNotes: pass.integrationNotes,
      entityType: pass.entityType,
      entityId: pass.entityId,
      tokenFormat: pass.tokenFormat,
      tokenTtl: settledTokenTtl(pass),
      jwks: pass.jwks ?? null,
      visibility: 'privately_visible',
      createdBy: createdBy(view),
      endsWithCreator: pass.endsWithCreator,
      validFrom: pass.validFrom.toISOString(),
      validUntil,
      expiresAt: validUntil,
      lastRotatedAt: pass.lastRotatedAt?.toISOString() ?? null,
      lastUsedAt: lastUse?.lastUsedAt.toISOString() ?? null,
      usageCount: uses.reduce((sum, use) => sum + use.uses, 0),
      secrets: presentSecrets(view, now),
      createdAt: pass.createdAt.toISOString(),
      updatedAt: pass.updatedAt.toISOString(),
    },
  }
}

/** The live secrets of a pass, newest first; never their values. @param now milliseconds since the epoch */
export function presentSecrets(
  { secrets, uses }: Pick<PassView, 'secrets' | 'uses'>,
  now: number,
): LiveSecret[] {
  return secrets
    .filter(secret => isLive(secret, now))
    .map(secret => {
      const use = uses.find(one => one.credentialId === secret.id && one.credentialId !== NIL_UUID)
      return {
        id: secret.id,
        createdAt: secret.createdAt.toISOString(),
        expiresAt: secret.expiresAt?.toISOString() ?? null,
        lastUsedAt: use?.lastUsedAt.toISOString() ?? null,
        lastUsedIp: use?.lastUsedIp ?? null,
      }
    })
}

/**
 * The ETag of a pass as it is answered: of the state that can be written, which changes with every change, rotation,
 * revocation and activation, and of all that is shown (`usageCount`, `lastUsedAt`, `status` as time goes by).
 */
export function passETag({ pass }: Pick<PassView, 'pass'>, shown: PassResource): string {
  return shownETag(stateOf(pass), shown)
}

/** What `If-Match` is compared with: the state alone, so that a busy agent does not fail the changes of its admin. */
export function stateTag(pass: Pick<Pass, 'id' | 'version'>): string {
  return strongETag(stateOf(pass))
}

function stateOf({ id, version }: Pick<Pass, 'id' | 'version'>): string {
  return `${id}.${version}`
}

function createdBy({ pass, creatorName }: PassView): PassResource['attributes']['createdBy'] {
  const { createdByType: type, createdById: id } = pass
  return type && id ? { type, id, name: creatorName } : null
}

/** How the access is shown to people: *custom* when the scopes are not the permissions. */
function accessIndicator({ pass }: PassView): 'standard' | 'elevated' | 'custom' {
  const same = new Set(pass.scopes).symmetricDifference(new Set(pass.permissions)).size === 0
  return same ? accessLevelLimits[pass.accessLevel].shownAs : 'custom'
}
