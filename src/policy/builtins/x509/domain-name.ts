/** Domain names as far as Go's `x509` checks them (domainNameValid). */

/** Labels of visible ASCII; nothing at all is one too. A constraint may begin with a dot. */
export function isDomainName(name: string, { constraint } = { constraint: false }): boolean {
  if (name === '') return true;
  const labels = (constraint && name[0] === '.' ? name.slice(1) : name).split('.');
  return labels.every((label) => /^[!-~]+$/.test(label));
}

/** Of ASCII alone, which is all that a domain name has. */
export const lowerCase = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
