import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Bowser from 'bowser'
import { useState } from 'react'
import { endSession, type SessionResource, sessionsQuery, signOutEverywhere } from '../api/account.ts'
import { CONSOLE_PATH } from '../place.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Pages } from '../shared/pages.tsx'
import { Records } from '../shared/records.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'

/** The browsers that somebody is signed in with; each can be signed out from here. */
export function Sessions() {
  const client = useQueryClient()
  const [page, setPage] = useState(1)
  const query = useQuery(sessionsQuery(page))
  const [asked, setAsked] = useState<SessionResource | 'all'>()
  return (
    <Section
      title="Sessions"
      lead="The browsers that you are signed in with. Passes and API keys go on working without any."
      actions={
        <Button variant="default" onClick={() => setAsked('all')}>
          Sign out everywhere
        </Button>
      }
    >
      <Loaded query={query} height={120}>
        {({ data, meta }) => (
          <>
            <Records
              label="Sessions"
              items={data}
              idOf={session => session.id}
              nameOf={browserOf}
              columns={[
                { label: 'Browser', cell: Browser },
                { label: 'Signed in', cell: ({ attributes: { signedInAt } }) => <When at={signedInAt} /> },
                { label: 'Last used', cell: ({ attributes: { lastUsedAt } }) => <When at={lastUsedAt} /> },
                { label: 'Ends', cell: ({ attributes: { expiresAt } }) => <When at={expiresAt} /> },
              ]}
              actions={session => (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Sign out ${browserOf(session)}`}
                  onClick={() => setAsked(session)}
                >
                  Sign out
                </Button>
              )}
            />
            {meta.total_pages > 1 && <Pages value={page} total={meta.total_pages} onChange={setPage} />}
          </>
        )}
      </Loaded>
      <Confirm
        opened={asked === 'all'}
        onClose={() => setAsked(undefined)}
        title="Sign out everywhere?"
        action="Sign out everywhere"
        onConfirm={async () => {
          await signOutEverywhere()
          location.assign(CONSOLE_PATH)
        }}
      >
        Every session of yours ends, in all browsers, this one too: you sign in again.
      </Confirm>
      {asked && asked !== 'all' && (
        <Confirm
          opened
          onClose={() => setAsked(undefined)}
          title={`Sign out ${browserOf(asked)}?`}
          action="Sign it out"
          onConfirm={async () => {
            await endSession(asked.id)
            if (asked.attributes.current) return location.assign(CONSOLE_PATH)
            await client.invalidateQueries({ queryKey: ['account', 'sessions'] })
            tell('The session has ended.')
          }}
        >
          {asked.attributes.current
            ? 'This is the browser that you are looking at: you sign in again.'
            : 'Whoever sits at it has to sign in again, from now on.'}
        </Confirm>
      )}
    </Section>
  )
}

function Browser(session: SessionResource) {
  return (
    <Group gap="xs">
      <Stack gap={0}>
        <Text size="sm" fw={600}>
          {browserOf(session)}
        </Text>
        <Text size="sm" c="dimmed">
          {session.attributes.clientIp}
        </Text>
      </Stack>
      {session.attributes.current && (
        <Badge variant="light" color="green" tt="none">
          This one
        </Badge>
      )}
    </Group>
  )
}

/** What a browser calls itself, in a few words. */
function browserOf({ attributes: { userAgent } }: SessionResource): string {
  if (userAgent === '') return 'Unnamed browser'
  const { browser, os } = Bowser.parse(userAgent)
  if (!browser.name) return userAgent.slice(0, 60)
  return os.name ? `${browser.name} on ${os.name}` : browser.name
}
