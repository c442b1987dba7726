import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Role } from '../../access/role.ts'
import { type Act, may } from '../api/access.ts'
import { accountQuery } from '../api/account.ts'
import type { Place } from '../api/place.ts'

/** The organization of the address, as the person at the screen knows it. */
export interface Where {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Whether it is there only for members who have one-time codes. */
  readonly requiresTotp: boolean
  /** Whether it is gone: there is what was done in it, and nothing to do. */
  readonly deleted: boolean
  /** Whether the person's role allows it here. */
  readonly may: (act: Act) => boolean
}

/** Within the pages of an organization, which are shown to its members alone. */
export function useOrganization(): Where {
  const { orgId = '' } = useParams({ strict: false })
  const { data: account } = useSuspenseQuery(accountQuery)
  const { organizations, deletedOrganizations } = account.attributes
  const live = organizations.find(one => one.id === orgId)
  if (live) return { ...live, deleted: false, may: act => may(live.role, act) }
  const gone = deletedOrganizations.find(one => one.id === orgId)
  if (!gone) throw new Error('Not a member of the organization of this address.')
  const { id, name, role } = gone
  const reads = (act: Act) => act === 'organizations.audit_events' && may(role, act)
  return { id, name, role, requiresTotp: false, deleted: true, may: reads }
}

/** Within the pages of a project. */
export function usePlace(): Place {
  const { orgId = '', projectId = '' } = useParams({ strict: false })
  return useMemo(() => ({ orgId, projectId }), [orgId, projectId])
}
