// module
export default class { }
using resource = open();
await using other = open();
{ using inner = open(); () => inner }
