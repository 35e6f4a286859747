# Short names for the commands of README.md and CONTRIBUTING.md.

# Lists the recipes.
default:
    @just --list

# Installs, and starts everything on this machine.
run:
    pip install -r requirements.txt && python manage.py runserver

# Installs, and runs the product's tests; arguments go to pytest: just test tests/api/test_gigs.py -k price
test *arguments:
    pip install -r requirements.txt && python -m pytest {{ arguments }}

# Lint, import contracts and types.
check:
    bash .ci/run lint types

# Writes docs/openapi.yaml and docs/postman/.
openapi:
    python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
    python manage.py export_postman

# Every stage of CI.
everything:
    bash .ci/run
