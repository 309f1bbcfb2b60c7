// A node client as people write it: client.js URL.
require('https').get(process.argv[2], (answer) => { console.log(answer.statusCode); answer.resume(); })
  .on('error', (error) => { console.log(error.code, error.message); process.exit(1); });
