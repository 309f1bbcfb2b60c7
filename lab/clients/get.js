// Asks for a page: get.js URL.
require('https').get(process.argv[2], (answer) => { console.log(answer.statusCode); answer.resume(); })
  .on('error', (error) => { console.error(error.code, error.message); process.exit(1); });
