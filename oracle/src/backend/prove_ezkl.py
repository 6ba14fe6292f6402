"""Proves one ONNX file with EZKL: `prove_ezkl.py FOLDER SCALE LOGROWS`.

The folder holds model.onnx and input.json; proof.json is written there. The last line printed is a JSON object with what
it took. LOGROWS 0 leaves the size to EZKL's calibration. Everything is public but the parameters, which are fixed.
"""

import json
import resource
import sys
import time
from pathlib import Path

import ezkl


def timed(step, *arguments, **named):
    """Milliseconds of a call."""
    begun = time.monotonic()
    step(*arguments, **named)
    return (time.monotonic() - begun) * 1000


def main():
    folder, scale, logrows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

    def file(name):
        return str(folder / name)

    run = ezkl.PyRunArgs()
    run.input_visibility = run.output_visibility = "public"
    run.param_visibility = "fixed"
    run.input_scale = run.param_scale = scale
    if logrows:
        run.logrows = logrows
    ezkl.gen_settings(file("model.onnx"), file("settings.json"), run)
    if not logrows:
        ezkl.calibrate_settings(file("input.json"), file("model.onnx"), file("settings.json"), "resources", scales=[scale])
    ezkl.compile_circuit(file("model.onnx"), file("circuit.ezkl"), file("settings.json"))
    settings = json.loads((folder / "settings.json").read_text())
    k = settings["run_args"]["logrows"]
    # A reference string made here: good for a measure, and for nothing else.
    ezkl.gen_srs(file("srs"), k)
    keygen = timed(ezkl.setup, file("circuit.ezkl"), file("vk"), file("pk"), file("srs"))
    prove = timed(ezkl.gen_witness, file("input.json"), file("circuit.ezkl"), file("witness.json"))
    prove += timed(ezkl.prove, file("witness.json"), file("circuit.ezkl"), file("pk"), file("proof.json"), file("srs"))
    verify = timed(ezkl.verify, file("proof.json"), file("settings.json"), file("vk"), file("srs"))
    proof = json.loads((folder / "proof.json").read_text())
    print()
    print(
        json.dumps(
            {
                "k": k,
                "rows": settings["num_rows"],
                "keygen_ms": keygen,
                "prove_ms": prove,
                "verify_ms": verify,
                "proof": proof["hex_proof"] if "hex_proof" in proof else bytes(proof["proof"]).hex(),
                "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
