import { Badge, Table, Text } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type AccountResource, accountQuery, changeOwnName } from '../api/account.ts'
import { Facts } from '../shared/facts.tsx'
import { LinkText } from '../shared/links.tsx'
import { NameForm } from '../shared/name-form.tsx'
import { Page } from '../shared/page.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { AccountEvents } from './account-events.tsx'
import { DeleteAccount } from './delete-account.tsx'
import { OneTimeCodes } from './one-time-codes.tsx'
import { PasswordForm } from './password-form.tsx'
import { roleTitle } from './roles.ts'
import { Sessions } from './sessions.tsx'
import { WaitingInvitations } from './waiting-invitations.tsx'

/** What somebody sees and sets of their own account. */
export function AccountPage() {
  const { data: account } = useSuspenseQuery(accountQuery)
  const { email, totp, lastSignedInAt, createdAt } = account.attributes
  return (
    <Page title="Your account">
      <Section title="About you">
        <Facts
          of={{
            Email: email,
            'Last signed in': <When at={lastSignedInAt} />,
            'Account created': <When at={createdAt} as="date" />,
          }}
        />
        <Rename account={account} />
      </Section>
      <WaitingInvitations />
      <Organizations account={account} />
      <DeletedOrganizations account={account} />
      <Section
        title="Password"
        lead="Every session of yours ends with it, this one too: you sign in again with the new one."
      >
        <PasswordForm email={email} />
      </Section>
      <Section
        title="One-time codes"
        lead="A code of an authenticator app, asked for at each sign-in: whoever learns your password gets nowhere without it."
        actions={
          <Badge size="lg" variant="light" color={totp ? 'green' : 'gray'} tt="none">
            {totp ? 'On' : 'Off'}
          </Badge>
        }
      >
        <OneTimeCodes on={totp} />
      </Section>
      <Sessions />
      <Section
        bare
        title="What happened to your account"
        lead="Shown to you, and to owners of all of your organizations, who can reset your password."
      >
        <AccountEvents subject="me" />
      </Section>
      <Section
        title="Delete your account"
        lead="Your memberships and sessions end. What you did stays on record with your name."
      >
        <DeleteAccount />
      </Section>
    </Page>
  )
}

function Rename({ account }: { readonly account: AccountResource }) {
  const { name } = account.attributes
  const client = useQueryClient()
  const renaming = useMutation({
    mutationFn: changeOwnName,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey })
      tell('Your name is changed.')
    },
  })
  return <NameForm key={name} label="Your name" action="Change" initial={name} naming={renaming} />
}

function Organizations({ account }: { readonly account: AccountResource }) {
  const { organizations } = account.attributes
  return (
    <Section title="Organizations">
      {organizations.length === 0 ? (
        <Text size="sm">You are in none.</Text>
      ) : (
        <Table aria-label="Organizations">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Your role</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {organizations.map(({ id: orgId, name, role }) => (
              <Table.Tr key={orgId}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <LinkText to="/organizations/$orgId" params={{ orgId }} size="sm">
                    {name}
                  </LinkText>
                </Table.Td>
                <Table.Td>{roleTitle(role)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  )
}

/** Those that are gone: what was done in them can be read while it is kept. */
function DeletedOrganizations({ account }: { readonly account: AccountResource }) {
  const { deletedOrganizations } = account.attributes
  if (deletedOrganizations.length === 0) return null
  return (
    <Section title="Deleted organizations" lead="What was done in them can be read while it is kept.">
      <Table aria-label="Deleted organizations">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Your role</Table.Th>
            <Table.Th>Deleted</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deletedOrganizations.map(({ id: orgId, name, role, deletedAt }) => (
            <Table.Tr key={orgId}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <LinkText to="/organizations/$orgId/settings" params={{ orgId }} size="sm">
                  {name}
                </LinkText>
              </Table.Td>
              <Table.Td>{roleTitle(role)}</Table.Td>
              <Table.Td>
                <When at={deletedAt} as="date" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}
