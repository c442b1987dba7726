import { Badge, Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { accountQuery } from '../api/account.ts'
import { membersQuery } from '../api/members.ts'
import { requireTotp } from '../api/organizations.ts'
import { useOrganization } from '../layout/where.ts'
import { LeaveQuestion } from '../people/leave-question.tsx'
import { OneTimeCodes } from '../people/one-time-codes.tsx'
import { Confirm } from '../shared/confirm.tsx'
import { LinkText } from '../shared/links.tsx'
import { Page } from '../shared/page.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'

/** The pages of an organization; without the codes that it requires, the way to them instead. */
export function OrganizationPages() {
  const { orgId } = useParams({ strict: false })
  const { data: account } = useSuspenseQuery(accountQuery)
  const { totp, organizations } = account.attributes
  const [leaving, setLeaving] = useState(false)
  const organization = organizations.find(({ id }) => id === orgId)
  if (!organization?.requiresTotp || totp) return <Outlet />
  return (
    <Page title={`${organization.name} requires one-time codes`}>
      <Section
        title="Set them up to go on"
        lead="A code of an authenticator app, asked for at each sign-in. Until you have set them up, nothing of this organization is shown to you, and you can do nothing in it but leave."
      >
        <OneTimeCodes on={false} />
        <Group>
          <Button variant="default" onClick={() => setLeaving(true)}>
            Leave the organization
          </Button>
        </Group>
      </Section>
      <LeaveQuestion opened={leaving} onClose={() => setLeaving(false)} />
    </Page>
  )
}

/** An owner's choice whether members need one-time codes. */
export function RequiredCodes() {
  const { id: orgId, requiresTotp } = useOrganization()
  const { data: account } = useSuspenseQuery(accountQuery)
  const client = useQueryClient()
  const members = useQuery(membersQuery(orgId))
  const [asked, setAsked] = useState(false)
  const without = members.data?.filter(({ attributes: { totp } }) => !totp).length
  return (
    <Section
      title="One-time codes"
      lead="When they are required, the organization is there only for members who have set them up. Passes and API keys are not asked."
      actions={
        <Badge size="lg" variant="light" color={requiresTotp ? 'green' : 'gray'} tt="none">
          {requiresTotp ? 'Required' : 'Not required'}
        </Badge>
      }
    >
      {!account.attributes.totp && (
        <Text size="sm">
          Set them up for{' '}
          <LinkText to="/account" underline="always">
            your account
          </LinkText>{' '}
          first: you would be kept out yourself.
        </Text>
      )}
      <Group>
        <Button variant="default" disabled={!account.attributes.totp} onClick={() => setAsked(true)}>
          {requiresTotp ? 'Require them no more' : 'Require one-time codes'}
        </Button>
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={requiresTotp ? 'Require them no more?' : 'Require one-time codes?'}
        action={requiresTotp ? 'Require them no more' : 'Require one-time codes'}
        onConfirm={async () => {
          await requireTotp(orgId, !requiresTotp)
          await client.invalidateQueries({ queryKey: accountQuery.queryKey })
          tell(requiresTotp ? 'One-time codes are required no more.' : 'One-time codes are required now.')
        }}
      >
        {requiresTotp ? 'A password alone is enough then to act in this organization.' : consequence(without)}
      </Confirm>
    </Section>
  )
}

function consequence(without: number | undefined): string {
  const what = 'can do nothing here from that moment on, until they have set them up'
  if (without === undefined) return `Members who have none ${what}.`
  if (without === 0) return 'Every member has them. Who joins sets them up first.'
  return `${without === 1 ? 'One member has' : `${without} members have`} none, and ${what}.`
}
