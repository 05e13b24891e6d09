// The report of the day.
const ledger = `http://ledger.${process.env.COPILOT_SERVICE_DISCOVERY_ENDPOINT}:8080`;

fetch(`${ledger}/orders`)
  .then((answer) => answer.json())
  .then(({ packed }) => console.log(`${packed} orders packed`))
  .catch((failure) => {
    console.error(failure);
    process.exit(1);
  });
