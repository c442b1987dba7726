import { Button, Group, Skeleton, Table, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type AccessTokenResource, endToken, liveTokensQuery } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { Failure } from '../../shared/failure.tsx'
import { Pages } from '../../shared/pages.tsx'
import { Section } from '../../shared/section.tsx'
import { inUtc, When } from '../../shared/when.tsx'
import { usePass } from './use-pass.ts'

const HEIGHT = 120

/** The tokens that the agent holds and could use at this moment, each of which can be ended. */
export function LiveTokens() {
  const { place, pass, change } = usePass()
  const { may } = useOrganization()
  const [page, setPage] = useState(1)
  const [ending, setEnding] = useState<AccessTokenResource>()
  const tokens = useQuery({ ...liveTokensQuery(place, pass.id, page), placeholderData: keepPreviousData })
  const last = Math.max(1, tokens.data?.meta.total_pages ?? 1)
  // The tokens of the last page may have ended.
  if (tokens.data && !tokens.isPlaceholderData && page > last) setPage(last)
  return (
    <Section
      title="Live tokens"
      lead="What the agent could use at this moment. Their values are never shown."
    >
      {tokens.isError && <Failure error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.isPending && <Skeleton height={HEIGHT} />}
      {tokens.data?.meta.total === 0 && <Text c="dimmed">None.</Text>}
      {tokens.data && tokens.data.data.length > 0 && (
        <Table.ScrollContainer minWidth={560}>
          <Table aria-label="Live tokens">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Issued</Table.Th>
                <Table.Th>Expires</Table.Th>
                <Table.Th>Scopes</Table.Th>
                <Table.Th>For</Table.Th>
                {may('pass_tokens.delete') && (
                  <Table.Th>
                    <span className="unseen">End it</span>
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tokens.data.data.map(token => (
                <Table.Tr key={token.id}>
                  <Table.Td>
                    <When at={token.attributes.issuedAt} />
                  </Table.Td>
                  <Table.Td>
                    <When at={token.attributes.expiresAt} />
                  </Table.Td>
                  <Table.Td>{token.attributes.scopes.join(' ')}</Table.Td>
                  <Table.Td>{token.attributes.resource ?? 'any'}</Table.Td>
                  {may('pass_tokens.delete') && (
                    <Table.Td>
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`End the token issued ${inUtc(token.attributes.issuedAt)}`}
                        onClick={() => setEnding(token)}
                      >
                        End
                      </Button>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {tokens.data && tokens.data.meta.total_pages > 1 && (
        <Group justify="flex-end">
          <Pages value={page} total={tokens.data.meta.total_pages} onChange={setPage} />
        </Group>
      )}
      <Confirm
        opened={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title="End the token"
        action="End it"
        danger
        onConfirm={async () => {
          if (ending) await change(() => endToken(place, pass.id, ending.id))
        }}
      >
        It is refused at the very next call. The agent can fetch another one while the pass is active.
      </Confirm>
    </Section>
  )
}
