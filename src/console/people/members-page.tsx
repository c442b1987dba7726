import { Badge, Button, Select, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { accountQuery } from '../api/account.ts'
import { type MemberResource, membersQuery, type OneTimeLink, type Role } from '../api/members.ts'
import { useOrganization } from '../layout/where.ts'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { Records } from '../shared/records.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { When } from '../shared/when.tsx'
import { Invitations } from './invitations.tsx'
import { type MemberAct, MemberQuestion } from './member-question.tsx'
import { ROLE_OPTIONS, roleTitle } from './roles.ts'

/** Who belongs to an organization; its owners decide. */
export function MembersPage() {
  const { id: orgId, may } = useOrganization()
  const client = useQueryClient()
  const query = useQuery(membersQuery(orgId))
  const [asked, setAsked] = useState<MemberAct>()
  const [reset, setReset] = useState<OneTimeLink>()
  return (
    <Page title="Members" lead="Who may sign in to this organization, and as what.">
      <Loaded query={query} height={240}>
        {members => (
          <Records
            label="Members"
            items={members}
            idOf={member => member.id}
            nameOf={member => member.attributes.name}
            columns={[
              { label: 'Name', cell: nameAndEmail },
              {
                label: 'Role',
                cell: member =>
                  may('members.update') ? (
                    <RoleSelect member={member} onChange={role => setAsked({ kind: 'role', member, role })} />
                  ) : (
                    roleTitle(member.attributes.role)
                  ),
              },
              {
                label: 'One-time codes',
                cell: ({ attributes: { totp } }) =>
                  totp === null ? (
                    '–'
                  ) : (
                    <Badge variant="light" color={totp ? 'green' : 'gray'} tt="none">
                      {totp ? 'On' : 'Off'}
                    </Badge>
                  ),
              },
              { label: 'Last signed in', cell: member => <When at={member.attributes.lastSignedInAt} /> },
            ]}
            actions={member => <Acts member={member} onAsk={setAsked} />}
          />
        )}
      </Loaded>
      {may('invitations.list') && <Invitations />}
      <MemberQuestion
        key={`${asked?.kind} ${asked?.member.id}`}
        asked={asked}
        onClose={() => setAsked(undefined)}
        onDone={() => client.invalidateQueries({ queryKey: membersQuery(orgId).queryKey })}
        onLink={setReset}
      />
      <ShownOnce
        value={reset?.link}
        title="The link to a new password"
        label="link"
        warning="Copy it now: it is not shown again. Hand it on where nobody else reads it."
        onClose={() => setReset(undefined)}
      >
        It works once, until <When at={reset?.expiresAt ?? null} />. Until it is used, the old password goes
        on working.
      </ShownOnce>
    </Page>
  )
}

function nameAndEmail({ attributes: { name, email } }: MemberResource) {
  return (
    <Stack gap={0}>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      <Text size="sm" c="dimmed">
        {email}
      </Text>
    </Stack>
  )
}

function RoleSelect({ member, onChange }: RoleSelectProps) {
  const { name, role } = member.attributes
  return (
    <Select
      size="xs"
      w={110}
      data={ROLE_OPTIONS}
      value={role}
      allowDeselect={false}
      aria-label={`Role of ${name}`}
      onChange={chosen => chosen && chosen !== role && onChange(chosen)}
    />
  )
}

interface RoleSelectProps {
  readonly member: MemberResource
  readonly onChange: (role: Role) => void
}

function Acts({
  member,
  onAsk,
}: {
  readonly member: MemberResource
  readonly onAsk: (act: MemberAct) => void
}) {
  const { data: account } = useSuspenseQuery(accountQuery)
  const { may } = useOrganization()
  const { name, totp } = member.attributes
  if (member.id === account.id)
    return (
      <Button size="xs" variant="default" onClick={() => onAsk({ kind: 'leave', member })}>
        Leave
      </Button>
    )
  if (!may('members.delete')) return null
  return (
    <>
      {/* Of whom it is told, the password can be reset as well. */}
      {totp !== null && (
        <>
          <Button
            size="xs"
            variant="default"
            aria-label={`Account events of ${name}`}
            onClick={() => onAsk({ kind: 'events', member })}
          >
            Events
          </Button>
          <Button
            size="xs"
            variant="default"
            aria-label={`Reset password of ${name}`}
            onClick={() => onAsk({ kind: 'reset', member })}
          >
            Reset password
          </Button>
        </>
      )}
      <Button
        size="xs"
        variant="default"
        aria-label={`Remove ${name}`}
        onClick={() => onAsk({ kind: 'remove', member })}
      >
        Remove
      </Button>
    </>
  )
}
