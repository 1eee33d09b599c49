/** Where lessons from a Redis stream come from: `STREAM/ID`, as the journal and snapshots store it. */
export interface Origin {
  readonly stream: string;
  /** The id of the stream's entry: milliseconds, a hyphen and a number. */
  readonly id: string;
}

export function originText({ stream, id }: Origin): string {
  return `${stream}/${id}`;
}

/** The id in a text of {@link originText}, if it is of this stream. */
export function idIn(text: string | undefined, stream: string): string | undefined {
  const slash = text?.lastIndexOf('/') ?? -1;
  return slash !== -1 && text?.slice(0, slash) === stream ? text.slice(slash + 1) : undefined;
}

/** Whether an entry comes after another one in their stream; each does so after undefined. */
export function isAfter(id: string, other: string | undefined): boolean {
  if (other === undefined) return true;
  const [time, number] = partsOf(id);
  const [otherTime, otherNumber] = partsOf(other);
  return time === otherTime ? number > otherNumber : time > otherTime;
}

/** The numbers have 64 bits. */
function partsOf(id: string): [bigint, bigint] {
  const [time = '0', number = '0'] = id.split('-');
  return [BigInt(time), BigInt(number)];
}
