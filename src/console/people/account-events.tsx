import { Group, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type AccountSubject, accountEventsQuery } from '../api/audit.ts'
import { actionLabel, actorKind } from '../audit/actions.ts'
import { Loaded } from '../shared/loaded.tsx'
import { Pages } from '../shared/pages.tsx'
import { Records } from '../shared/records.tsx'
import { When } from '../shared/when.tsx'

/** When and from where somebody signed in, and how they sign in was changed. */
export function AccountEvents({ subject }: { readonly subject: AccountSubject }) {
  const [page, setPage] = useState(1)
  const query = useQuery({ ...accountEventsQuery(subject, page), placeholderData: keepPreviousData })
  return (
    <Loaded query={query} height={240}>
      {({ data, meta }) =>
        data.length === 0 ? (
          <Text size="sm">Nothing has happened yet.</Text>
        ) : (
          <>
            <Records
              label="Account events"
              items={data}
              idOf={event => event.id}
              nameOf={event => actionLabel(event.attributes.action)}
              columns={[
                { label: 'What', cell: event => actionLabel(event.attributes.action) },
                {
                  label: 'Who',
                  cell: ({ attributes: { actor } }) =>
                    actorKind(actor.type) === undefined ? actor.name : actorKind(actor.type),
                },
                { label: 'Address', cell: event => event.attributes.clientIp ?? '–' },
                { label: 'When', cell: event => <When at={event.attributes.createdAt} /> },
              ]}
            />
            {meta.total_pages > 1 && (
              <Group justify="flex-end">
                <Pages total={meta.total_pages} value={page} onChange={setPage} />
              </Group>
            )}
          </>
        )
      }
    </Loaded>
  )
}
