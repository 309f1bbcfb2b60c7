// Asks for a page by fetch, in whatever has it; status 1 and what is said when that fails.
try {
  const answer = await fetch(process.argv.at(-1));
  console.log(answer.status);
} catch (error) {
  console.log(error.code ?? "", error.message, error.cause?.message ?? "");
  process.exit(1);
}
