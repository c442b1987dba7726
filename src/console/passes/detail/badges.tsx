import { Badge, Group } from '@mantine/core'

/** Words side by side. */
export function Badges({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return 'none'
  return (
    <Group component="span" gap={6}>
      {of.map(word => (
        <Badge key={word} variant="light" color="gray" tt="none">
          {word}
        </Badge>
      ))}
    </Group>
  )
}
