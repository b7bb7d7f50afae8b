# Makes one instance run one version, or none: the unit shop@NAME.service of this machine. Its unit file says WorkingDirectory=/srv/shop/run/%i, which this
# script links to /srv/shop/releases/VERSION. Run again, it changes nothing. Whether the version is healthy is for the gates that follow to say.
param($Instance, [string]$Version, $Window)
$root = '/srv/shop'
$unit = "shop@$($Instance.Name).service"
if ($Version -eq 'none') { systemctl disable --now $unit; return }

$release = "$root/releases/$Version"
$link = "$root/run/$($Instance.Name)"
if (-not [System.IO.Directory]::Exists($release)) { throw "Release $Version is not on this machine: $release is missing." }

# is-active ends with 3 where the unit is not: that is an answer, and would else fail the deployment.
$PSNativeCommandUseErrorActionPreference = $false
systemctl is-active --quiet $unit
$isActive = $LASTEXITCODE -eq 0
$PSNativeCommandUseErrorActionPreference = $true
if ($isActive -and "$([System.IO.DirectoryInfo]::new($link).LinkTarget)" -eq $release) { return }

# Stopped before the link changes: a run that is killed in between leaves no unit that runs something else than its link says.
systemctl stop $unit
ln --symbolic --force --no-dereference $release $link
systemctl enable --now $unit
