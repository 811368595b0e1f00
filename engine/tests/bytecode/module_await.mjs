const x = await fetch(1);
export default x + 1;
