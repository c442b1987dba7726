import { ActionIcon, Group, Paper, Stack, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { type ReactNode, useId, useState } from 'react'
import { Facts } from './facts.tsx'

/** Below this the frame leaves a table too little. */
const NARROW = '(max-width: 62em)'

/** A list: a table, or cards in a narrow window. The first column names the thing, and heads its card. */
export function Records<Item>(props: RecordsProps<Item>) {
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const { label, items, columns, idOf, actions, details } = props
  if (narrow)
    return (
      <Stack component="ul" gap="sm" aria-label={label} m={0} p={0} style={{ listStyle: 'none' }}>
        {items.map(item => (
          <Card key={idOf(item)} item={item} {...props} />
        ))}
      </Stack>
    )
  return (
    <Paper withBorder style={{ overflow: 'hidden' }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(column => (
              <Table.Th key={column.label} style={{ whiteSpace: 'nowrap' }}>
                {column.label}
              </Table.Th>
            ))}
            {(actions ?? details) && (
              <Table.Th>
                <span className="unseen">{actions ? 'Acts' : 'Details'}</span>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(item => (
            <Row key={idOf(item)} item={item} {...props} />
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}

function Row<Item>({ item, columns, actions, details, nameOf }: RowProps<Item>) {
  const shown = details?.(item)
  const { open, toggle, id } = useDetails(nameOf(item))
  return (
    <>
      <Table.Tr>
        {columns.map(column => (
          <Table.Td key={column.label} style={{ overflowWrap: 'anywhere' }}>
            {column.cell(item)}
          </Table.Td>
        ))}
        {(actions ?? details) && (
          <Table.Td>
            <Group gap="xs" justify="flex-end" wrap="nowrap">
              {actions?.(item)}
              {shown && toggle}
            </Group>
          </Table.Td>
        )}
      </Table.Tr>
      {shown && open && (
        <Table.Tr id={id}>
          <Table.Td colSpan={columns.length + 1}>{shown}</Table.Td>
        </Table.Tr>
      )}
    </>
  )
}

function Card<Item>({ item, columns: [first, ...columns], actions, details, nameOf }: RowProps<Item>) {
  const shown = details?.(item)
  const { open, toggle, id } = useDetails(nameOf(item))
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text component="div" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {first?.cell(item)}
          </Text>
          {shown && toggle}
        </Group>
        <Facts short of={Object.fromEntries(columns.map(({ label, cell }) => [label, cell(item)]))} />
        {shown && open && <div id={id}>{shown}</div>}
        {actions && <Group gap="xs">{actions(item)}</Group>}
      </Stack>
    </Paper>
  )
}

function useDetails(name: string) {
  const id = useId()
  const [open, setOpen] = useState(false)
  const toggle = (
    <ActionIcon
      variant="subtle"
      aria-label={`Details of ${name}`}
      aria-expanded={open}
      aria-controls={open ? id : undefined}
      onClick={() => setOpen(!open)}
    >
      {open ? <ChevronDownIcon /> : <ChevronRightIcon />}
    </ActionIcon>
  )
  return { open, toggle, id }
}

interface RecordsProps<Item> {
  /** What the list is of. */
  readonly label: string
  readonly items: readonly Item[]
  readonly columns: readonly Column<Item>[]
  readonly idOf: (item: Item) => string
  /** What a reader hears the item as. */
  readonly nameOf: (item: Item) => string
  readonly actions?: ((item: Item) => ReactNode) | undefined
  /** What a row shows once it is opened; nothing where there is no more of it. */
  readonly details?: (item: Item) => ReactNode
}

export interface Column<Item> {
  readonly label: string
  readonly cell: (item: Item) => ReactNode
}

interface RowProps<Item> extends RecordsProps<Item> {
  readonly item: Item
}
