import type { PassAttributes, PassFields } from '../../api/passes.ts'
import { fromLocalInput, toLocalInput } from '../../shared/local-time.ts'
import type { AccessLevels } from '../access-levels.ts'
import { oneYearAfter, type PassValues } from '../form/pass-form.ts'

/** A pass as the form shows it. */
export function valuesOf(pass: PassAttributes, levels: AccessLevels): PassValues {
  const validFrom = toLocalInput(pass.validFrom)
  const longest = levels[pass.accessLevel].maxTokenTtlSeconds
  return {
    ...pass,
    validFrom,
    validUntil: pass.validUntil === null ? oneYearAfter(validFrom) : toLocalInput(pass.validUntil),
    neverExpires: pass.validUntil === null,
    tokenTtl: pass.tokenTtl === longest ? '' : pass.tokenTtl,
    jwks: pass.jwks === null ? '' : JSON.stringify(pass.jwks, undefined, 2),
  }
}

/** The fields that differ, as the API takes them. @param before the values that the form was opened with */
export function changesOf(values: PassValues, before: PassValues): PassFields {
  const sent: PassFields = {
    title: values.title.trim(),
    agentType: values.agentType,
    description: values.description,
    passId: values.passId,
    accessLevel: values.accessLevel,
    organization: values.organization,
    usageType: values.usageType,
    credentialType: values.credentialType,
    tags: values.tags,
    validFrom: fromLocalInput(values.validFrom),
    permissions: values.permissions,
    scopes: values.scopes,
    tokenFormat: values.tokenFormat,
    tokenTtl: typeof values.tokenTtl === 'number' ? values.tokenTtl : null,
    resources: values.resources,
    allowedIps: values.allowedIps,
    allowedReferers: values.allowedReferers,
    jwks: values.jwks.trim() === '' ? null : JSON.parse(values.jwks),
    entityType: values.entityType,
    entityId: values.entityId,
    integrationNotes: values.integrationNotes,
  }
  const differs = (name: keyof PassValues) => JSON.stringify(values[name]) !== JSON.stringify(before[name])
  const names = new Set(Object.keys(values).filter(name => isField(name, values) && differs(name)))
  const changes: PassFields = Object.fromEntries(Object.entries(sent).filter(([name]) => names.has(name)))
  // The lifetime that is not set is the longest of the level: the old level's must not stay.
  if (differs('accessLevel') && values.tokenTtl === '') changes.tokenTtl = null
  if (differs('validUntil') || differs('neverExpires'))
    changes.validUntil = values.neverExpires ? null : fromLocalInput(values.validUntil)
  return changes
}

function isField(name: string, values: PassValues): name is keyof PassValues & string {
  return Object.hasOwn(values, name)
}
