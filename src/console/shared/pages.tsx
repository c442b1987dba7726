import { Pagination } from '@mantine/core'

/** Leads to the other pages of a list. */
export function Pages(props: PagesProps) {
  return (
    <Pagination
      {...props}
      siblings={0}
      getControlProps={control => ({ 'aria-label': `${control} page` })}
      getItemProps={number => ({ 'aria-label': `Page ${number}` })}
    />
  )
}

interface PagesProps {
  readonly value: number
  readonly total: number
  readonly onChange: (page: number) => void
  readonly disabled?: boolean
}
