import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  acceptWaiting,
  accountQuery,
  declineWaiting,
  type WaitingInvitationResource,
  waitingInvitationsQuery,
} from '../api/account.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Failure } from '../shared/failure.tsx'
import { Records } from '../shared/records.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { roleTitle } from './roles.ts'

/** Organizations that wait for a yes of the person at the screen; nothing where none does. */
export function WaitingInvitations() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useQuery(waitingInvitationsQuery)
  const [declining, setDeclining] = useState<WaitingInvitationResource>()
  const refresh = () => client.invalidateQueries({ queryKey: accountQuery.queryKey })
  const acceptance = useMutation({
    mutationFn: ({ id }: WaitingInvitationResource) => acceptWaiting(id),
    onSuccess: async (_answer, { attributes: { organization } }) => {
      await refresh()
      await navigate({ to: '/organizations/$orgId', params: { orgId: organization.id } })
      tell(`You are a member of ${organization.name} now.`)
    },
  })
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data?.length) return null
  return (
    <Section
      bare
      title="Invitations to you"
      lead="Nobody puts you into an organization: you are in once you accept."
    >
      {acceptance.error && <Failure error={acceptance.error} />}
      <Records
        label="Invitations to you"
        items={query.data}
        idOf={invitation => invitation.id}
        nameOf={invitation => invitation.attributes.organization.name}
        columns={[
          { label: 'Organization', cell: invitation => invitation.attributes.organization.name },
          { label: 'Your role', cell: invitation => roleTitle(invitation.attributes.role) },
          { label: 'Invited by', cell: invitedBy },
          {
            label: 'Open until',
            cell: invitation => <When at={invitation.attributes.expiresAt} as="date" />,
          },
        ]}
        actions={invitation => (
          <Group gap="xs" wrap="nowrap">
            <Button
              size="xs"
              loading={acceptance.isPending}
              onClick={() => acceptance.mutate(invitation)}
              aria-label={`Join ${invitation.attributes.organization.name}`}
            >
              Join
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => setDeclining(invitation)}
              aria-label={`Decline ${invitation.attributes.organization.name}`}
            >
              Decline
            </Button>
          </Group>
        )}
      />
      <Confirm
        opened={declining !== undefined}
        onClose={() => setDeclining(undefined)}
        title={`Decline the invitation of ${declining?.attributes.organization.name}?`}
        action="Decline it"
        onConfirm={async () => {
          if (declining) await declineWaiting(declining.id)
          await refresh()
          tell('The invitation is declined.')
        }}
      >
        It is not shown to you any more. Who invited you is not told.
      </Confirm>
    </Section>
  )
}

function invitedBy({ attributes }: WaitingInvitationResource) {
  if (!attributes.invitedBy) return 'Somebody who is not here any more'
  const { name, email } = attributes.invitedBy
  return (
    <>
      <Text size="sm">{name}</Text>
      <Text size="sm" c="dimmed">
        {email}
      </Text>
    </>
  )
}
