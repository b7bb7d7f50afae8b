# Approves the plan with its planted secrets, as whoever SUDO_USER says.
param([Parameter(Mandatory)][string]$State)
$ErrorActionPreference = 'Stop'
Approve-DeploymentPlan "$State/plan.psd1"
