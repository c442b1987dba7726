import { Badge, Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type InvitationResource,
  invitationsQuery,
  type OneTimeLink,
  withdrawInvitation,
} from '../api/members.ts'
import { useOrganization } from '../layout/where.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Records } from '../shared/records.tsx'
import { Section } from '../shared/section.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { NewInvitation } from './new-invitation.tsx'
import { roleTitle } from './roles.ts'

/** Who was asked to join: for owners. */
export function Invitations() {
  const { id: orgId } = useOrganization()
  const client = useQueryClient()
  const query = useQuery(invitationsQuery(orgId))
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<OneTimeLink>()
  const [withdrawing, setWithdrawing] = useState<InvitationResource>()
  const refresh = () => client.invalidateQueries({ queryKey: invitationsQuery(orgId).queryKey })
  return (
    <Section
      bare
      title="Invitations"
      lead="Each waits for a yes, for seven days: by its link, or, where there is an account, in that account. Whether there is one is not told."
      actions={<Button onClick={() => setMaking(true)}>Invite somebody</Button>}
    >
      <Loaded query={query} height={80}>
        {invitations =>
          invitations.length === 0 ? (
            <Text size="sm">Nobody has been invited yet.</Text>
          ) : (
            <Records
              label="Invitations"
              items={invitations}
              idOf={invitation => invitation.id}
              nameOf={invitation => invitation.attributes.email}
              columns={[
                { label: 'Email', cell: invitation => invitation.attributes.email },
                { label: 'Role', cell: invitation => roleTitle(invitation.attributes.role) },
                {
                  label: 'Created',
                  cell: invitation => <When at={invitation.attributes.createdAt} as="date" />,
                },
                { label: 'State', cell: invitation => <State invitation={invitation} /> },
              ]}
              actions={invitation =>
                invitation.attributes.acceptedAt === null && (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => setWithdrawing(invitation)}
                    aria-label={`Withdraw the invitation of ${invitation.attributes.email}`}
                  >
                    Withdraw
                  </Button>
                )
              }
            />
          )
        }
      </Loaded>
      <NewInvitation
        opened={making}
        onClose={() => setMaking(false)}
        onMade={link => {
          setMaking(false)
          setMade(link)
          void refresh()
        }}
      />
      <ShownOnce
        value={made?.link}
        title="The invitation’s link"
        label="link"
        warning="Copy it now: it is not shown again. Whoever opens it first can accept."
        onClose={() => setMade(undefined)}
      >
        Send it to the person yourself: this server sends no email. It works once, until{' '}
        <When at={made?.expiresAt ?? null} />.
      </ShownOnce>
      <Confirm
        opened={withdrawing !== undefined}
        onClose={() => setWithdrawing(undefined)}
        title={`Withdraw the invitation of ${withdrawing?.attributes.email}?`}
        action="Withdraw it"
        danger
        onConfirm={async () => {
          if (withdrawing) await withdrawInvitation(orgId, withdrawing.id)
          await refresh()
          tell('The invitation is withdrawn.')
        }}
      >
        Its link stops working at once.
      </Confirm>
    </Section>
  )
}

function State({ invitation }: { readonly invitation: InvitationResource }) {
  const { acceptedAt, expiresAt } = invitation.attributes
  const [color, state, at] = acceptedAt
    ? ['green', 'Accepted', acceptedAt]
    : Date.parse(expiresAt) <= Date.now()
      ? ['gray', 'Expired', expiresAt]
      : ['blue', 'Open until', expiresAt]
  return (
    <Group gap="xs">
      <Badge variant="light" color={color} tt="none">
        {state}
      </Badge>
      <When at={at} as="date" />
    </Group>
  )
}
