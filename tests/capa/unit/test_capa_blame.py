import json
from importlib.resources import files

import pytest

from capa.domain.blame import blames_a_person
from capa.domain.rules_document import read_rules

BLAME = read_rules(json.loads(files("capa").joinpath("definitions/rules.v1.json").read_text("utf-8"))).blame


@pytest.mark.parametrize(
    "answer",
    [
        "human error",
        "Human Error.",
        "operator",
        "Operator error during assembly",
        "The operator made a mistake",
        "The worker was careless",
        "mistake of the operator",
        "Operator did not follow the instruction",
        "操作失误",
        "人为",
        "人为因素导致",
        "操作工操作失误导致",
        "员工未按作业指导书操作",
        "员工责任心不强，粗心大意",
        "质检员疏忽漏检",
        "作业员误操作",
        "工人违章操作",
    ],
)
def test_an_answer_that_only_names_a_person_blames(answer: str) -> None:
    assert blames_a_person(answer, BLAME)


@pytest.mark.parametrize(
    "answer",
    [
        "The work instruction does not state the torque, so each operator chooses one",
        "No poka-yoke: the operator can insert the seal upside down",
        "The operator's training plan has no module for station 4",
        "Press pressure drifts because the valve has no calibration interval",
        "作业指导书未规定扭矩，操作者凭经验拧紧",
        "人机界面没有防错，操作工可以跳过扫码",
        "变速箱油路设计余量不足，高温下油压下降",
        "模具磨损超限，未设定更换周期",
        "人为设定的报警阈值过宽，传感器漂移无法识别",
    ],
)
def test_an_answer_about_the_process_does_not_blame(answer: str) -> None:
    assert not blames_a_person(answer, BLAME)
